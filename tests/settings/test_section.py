"""The section of a feature: declaration, access, checks, documentation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest

from llm_service.errors import BadSettings
from llm_service.settings.entries import read_entries, text
from llm_service.settings.fields import BadValue, between, setting
from llm_service.settings.load import Settings, load
from llm_service.settings.section import Section, all_settings, table
from llm_service.settings.table import make_settings


@dataclass(frozen=True)
class Buoy:
    name: str = text("", "the name of a buoy")
    light: str | None = text(None, "a colour")

    def __post_init__(self) -> None:
        if self.light == self.name:
            raise BadValue("has no colour of its own", ("light",))


@dataclass(frozen=True)
class TideSettings(Section):
    """A feature's section from outside."""

    tides: bool = setting(True, "Show the tides.")
    tide_m: Annotated[float, between(0, 20)] = setting(2.5, "Warn above this height. (m)")
    tide_key: str | None = setting(None, "Key of the tide service.", secret=True)
    buoys: list[Buoy] = setting([], "The buoys.", reader=lambda value: read_entries(value, Buoy))

    def check(self, settings: Settings) -> None:
        """Tides are stored."""
        if self.tides and not settings.history:
            raise BadSettings("tides needs history.")


def loaded(folder: Path, text: str = "", **cli: Any) -> Settings:
    (folder / "llm-service.yaml").write_text(text)
    return load([TideSettings], str(folder), None, cli, {"LLM_SERVICE_TIDE_KEY": "s3cret"})


def refusal(folder: Path, text: str = "", **cli: Any) -> str:
    with pytest.raises(BadSettings) as caught:
        loaded(folder, text, **cli)
    return caught.value.message.replace(str(folder), "")


def test_a_feature_reads_its_typed_section_from_every_source(tmp_path: Path) -> None:
    own = loaded(tmp_path, "tide_m: 3\nbuoys: [{name: North}, {name: South, light: red}]\n", tides=False).of(
        TideSettings
    )
    assert own == TideSettings(False, 3.0, "s3cret", [Buoy("North"), Buoy("South", "red")])


def test_a_section_that_was_not_loaded_has_its_defaults() -> None:
    assert Settings().of(TideSettings) == TideSettings()


def test_a_bad_value_of_a_section_is_refused_with_file_and_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, "port: 1\ntide_m: 30\n") == (
        "/llm-service.yaml:2: tide_m cannot be 30; expected: between 0 and 20."
    )
    assert refusal(tmp_path, "buoys:\n- name: North\n- name: red\n  light: red\n") == (
        "/llm-service.yaml:4: buoys[1].light has no colour of its own."
    )


def test_a_list_of_mappings_has_at_most_a_thousand_entries() -> None:
    buoys = [{"name": f"Buoy {number}"} for number in range(1_001)]
    assert len(read_entries(buoys[1:], Buoy)) == 1_000
    with pytest.raises(BadValue, match="at most 1,000 mappings, not of 1,001"):
        read_entries(buoys, Buoy)


def test_an_unknown_name_is_refused_with_the_nearest_of_all_sections(tmp_path: Path) -> None:
    assert refusal(tmp_path, "tide: 1\n").endswith("unknown setting tide. Did you mean tides?")
    assert refusal(tmp_path, "prot: 1\n").endswith("unknown setting prot. Did you mean port?")
    assert "unknown setting lanes" in refusal(tmp_path, "lanes: [inbox]\n"), "a setting of a section that is not loaded"


def test_a_section_checks_its_values_against_those_of_others(tmp_path: Path) -> None:
    assert refusal(tmp_path, "history: false\n") == "tides needs history."
    assert not loaded(tmp_path, "history: false\ntides: false\n").history


def test_the_secrets_of_all_sections_are_known_and_not_shown(tmp_path: Path) -> None:
    settings = loaded(tmp_path, token="t0ken")
    assert settings.secrets() == ["t0ken", "s3cret"]
    assert not any(secret in repr(settings) for secret in settings.secrets())


def test_the_table_has_the_settings_of_all_sections() -> None:
    rows = table([Settings, TideSettings])
    assert rows[0]["name"] == "workspace"
    assert rows[-3] == {
        "name": "tide_m",
        "type": "float",
        "default": "2.5",
        "env": "LLM_SERVICE_TIDE_M",
        "help": "Warn above this height. (m)",
        "workspace": "any",
    }
    assert rows[-1]["type"] == "list of mappings"


def test_two_sections_cannot_have_one_name() -> None:
    @dataclass(frozen=True)
    class Second(Section):
        tides: bool = setting(True, "Others.")

    with pytest.raises(ValueError, match="Second has settings of another section: tides"):
        all_settings([TideSettings, Second])


def test_settings_are_made_of_flat_values_and_unknown_names_refused() -> None:
    settings = make_settings([TideSettings], {"port": 1, "tides": False})
    assert (settings.port, settings.of(TideSettings).tides) == (1, False)
    with pytest.raises(TypeError, match="unknown settings: prot"):
        make_settings([TideSettings], {"prot": 1})
