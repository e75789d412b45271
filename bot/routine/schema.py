"""The JSON Schema of a routine file. Editors use it to complete keys and to mark mistakes.

The schema is generated from the models, so that the schema and the models cannot differ. The schema must not
be the only check of a file, because a schema cannot check that one value agrees with another. `loading.check`
does that too.
"""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.routine.model import Routine

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The version of JSON Schema that YAML editors support."""


def routine_schema() -> dict[str, Any]:
    """Return the schema of a routine file as a dict."""
    schema = Routine.model_json_schema(schema_generator=_FileSchema)
    del schema["properties"]["id"]  # the loader takes the id from the file's name
    schema["required"].remove("id")
    return {"$schema": DRAFT, **schema}


def routine_schema_text() -> str:
    """Return the text of routines/routine.schema.json."""
    return json.dumps(routine_schema(), indent=2, ensure_ascii=False) + "\n"


class _FileSchema(GenerateJsonSchema):
    """Generates the schema of a routine file as authors write it.

    pydantic's own schema would also allow null and keys that are not ids, and would add defaults and titles.
    """

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        return {**super().dict_schema(schema), "additionalProperties": False}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
