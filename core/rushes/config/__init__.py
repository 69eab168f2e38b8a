"""The pipeline file: YAML to a Pipeline, with line and column in every error."""
