from __future__ import annotations

import json
import shlex
from typing import assert_never

import pytest

from keeplit.core.iam_form import Form, written

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "it's ${here} %{there}"}]}


@pytest.mark.parametrize("form", Form)
def test_each_form_holds_the_same_document(form: Form) -> None:
    """Whatever the form, what is read back is the document, quotes and dollar signs included."""
    text = written(DOCUMENT, form)
    match form:
        case Form.JSON:
            found = json.loads(text)
        case Form.PERMISSION_SET:
            template = json.loads(text)
            found = template["Resources"]["PermissionSet"]["Properties"]["InlinePolicy"]
        case Form.AWS_CLI:
            words = shlex.split(text)
            found = json.loads(words[words.index("--policy-document") + 1])
        case Form.TERRAFORM:
            inner = text[text.index("jsonencode(") + len("jsonencode(") : text.rindex(")")]
            found = json.loads(inner.replace("$${", "${").replace("%%{", "%{"))
        case _:
            assert_never(form)
    assert found == DOCUMENT
