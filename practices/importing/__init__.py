"""
A spreadsheet of practices, read and checked: nothing here asks or changes the database.

`sheets` reads cells from a file, `columns` knows what may stand in which column, `checking` makes
of rows what a draft can begin with, or tells what is wrong. See `docs/features/import.md`.
"""
