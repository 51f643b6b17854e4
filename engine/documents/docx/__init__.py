"""Editable .docx of every form, from the very fields that typst prints; templates that offices own are checked here."""
