"""
Files that people send: judged by content, kept in the private storage, handed out to those who may
have them.

    register_upload_policy(UploadPolicy("deliberation", _("Deliberation"), ("pdf", "jpeg", "png")))

    document = UploadField(policy="deliberation")                             # in a form
    upload = keep_upload(file=…, owner=request.user, policy="deliberation")   # in a service
    return hand_out(request, upload)                                          # in a view

See `docs/features/uploads.md`. What imports models stands in the modules: `core.uploads.models`,
`.services`, `.forms`; for files that come in parts `.resumable` and `.protocol`.
"""
