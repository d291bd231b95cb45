"""Validates metadata.yaml by the model of Airbyte's connector registry; a traceback says what is wrong."""

from pathlib import Path

import yaml
from airbyte_connector_models.metadata.v0.connector_metadata_definition_v0 import ConnectorMetadataDefinitionV0

METADATA = Path(__file__).resolve().parents[2] / "metadata.yaml"

ConnectorMetadataDefinitionV0.model_validate(yaml.safe_load(METADATA.read_text()))
