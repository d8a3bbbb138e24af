"""Which right stands before the addresses whose views are not ours, or know nothing of rights."""

from members.access import register_addresses

register_addresses(
    "public.read",
    # core
    "front_door",
    "robots",
    "security_txt",
    "media",
    "kept_picture",
    "wagtaildocs_serve",
    # search
    "search",
    "search_feed",
    "search_suggest",
    "opensearch",
    # members
    "account_deleted",
    "collectivities",
    "collectivity",
    "associations",
    "association",
    "charter_version",
)
# allauth. Its own views ask whether somebody has logged in.
register_addresses(
    "account.enter",
    "account_login",
    "other_login",
    # Wagtail's pattern for the same address, which ours stands before.
    "wagtailcore_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "mfa_login_webauthn",
    # members
    "invitation",
)
register_addresses(
    "account.own",
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "mfa_reauthenticate_webauthn",
    "usersessions_list",
    "notices",
    "notice",
    "notice_read",
    "notices_read",
)
