"""Templates of Helm, as far as they only put values into their places."""

import pytest

from studio.agents.deployment.rendering import RenderError, render, value_names

VALUES = {"stt": {"model": "nova-3", "on": True}, "name": "desk", "count": 3, "variables": {"CITY": "Rome"}}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ .Values.name }}", "desk"),
        ("{{ .Values.stt.on }} {{ .Values.count }}", "true 3"),
        ("[{{ .Values.missing.deeply }}]", "[]"),
        ('{{ .Values.missing | default "us" | quote }}', '"us"'),
        ("{{ default 5 .Values.missing }}", "5"),
        ("{{ .Values.name | upper | squote }}", "'DESK'"),
        ("a: {{/* a note */}}b", "a: b"),
        ("x  {{- .Values.name -}}  y", "xdesky"),
        ("v:{{ toYaml .Values.variables | nindent 2 }}", "v:\n  CITY: Rome"),
        ("k: '{{ Secrets.organization.KEY }}'", "k: '{{ Secrets.organization.KEY }}'"),
        ("no templates", "no templates"),
    ],
)
def test_values_are_put_into_their_places(template, text):
    assert render(template, VALUES).text == text


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("\n{{ if .Values.name }}x{{ end }}", "'if'"),
        ("\n{{- range .Values.list }}", "'range'"),
        ('\n{{ include "x" . }}', "without Helm"),
        ("\n{{ .Release.Name }}", "without Helm"),
        ("\n{{ .Values.stt }}", "whole table"),
        ("\n{{ }}", "not complete"),
        ("\n{{ .Values.name | }}", "not complete"),
        ("\n{{ .Values.name 3 }}", "only Helm"),
        ('\n{{ indent "x" 3 }}', "cannot use"),
        ("\n{{ default other .Values.name }}", "without Helm"),
    ],
)
def test_what_needs_helm_is_said_with_its_line(template, says):
    with pytest.raises(RenderError, match=says) as refused:
        render(template, VALUES)
    assert refused.value.line == 2


def test_lines_lead_back_to_the_template():
    rendered = render("a: 1\nv:\n  {{- toYaml .Values.stt | nindent 2 }}\nb: 2\n", VALUES)
    assert rendered.text.splitlines() == ["a: 1", "v:", "  model: nova-3", "  'on': true", "b: 2"]
    assert rendered.origins[:5] == [1, 2, 3, 3, 4]


def test_names_of_values_are_found_in_any_template():
    assert value_names("{{ if .Values.stt }}{{ .Values.a.b }}{{ end }}") == {"stt", "a"}
