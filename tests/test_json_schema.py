"""jsonschema is imported without its slow part, which whoever asks for it later still gets."""

import subprocess
import sys

import pytest

CODE = """
import sys
from benchbench import json_schema
json_schema.load()
import {name}
print("rfc3987_syntax" in sys.modules, "jsonschema" in sys.modules)
import jsonschema
jsonschema.validate({{"a": 1}}, {{"type": "object"}}, format_checker=jsonschema.FormatChecker())
"""


@pytest.mark.parametrize("name", ["altair", "papermill"])
def test_what_checks_json_is_imported_without_the_grammar_of_iris(name):
    ran = subprocess.run([sys.executable, "-c", CODE.format(name=name)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
