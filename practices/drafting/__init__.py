"""
What a member is asked when writing up a practice, a case study or what did not work.

`sections` declares it, `fields` has the sorts of answers that only practices know, `kind` puts both
together and enters them in `contributions.registry`.
"""
