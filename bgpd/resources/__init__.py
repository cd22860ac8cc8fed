"""The projectcalico.org/v3 API as pydantic models, and the selector language."""
