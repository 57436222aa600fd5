"""The words of the field as plain types and pure functions. Knows no other room."""
