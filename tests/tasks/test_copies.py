"""Names of copies as the programs make them (their manuals and forums), and names that only look like one."""

from __future__ import annotations

import tempfile

import pytest

from llm_service.tasks.copies import copied_by, looks_temporary

COPIES = {
    "soup.sync-conflict-20261105-101010-ABCDEFG": "Syncthing",
    "soup~sync-conflict-20261105-101010": "Syncthing",
    "soup (Ada's conflicted copy 2026-11-05)": "Dropbox",
    "soup (conflicted copy 2026-11-05)": "Dropbox",
    "soup (Ada's conflicted copy 2026-11-05 (1))": "Dropbox",
    "soup (Adas in Konflikt stehende Kopie 2026-11-05)": "Dropbox",
    "soup (Copie en conflit de Ada 2026-11-05)": "Dropbox",
    "soup (Copia en conflicto de Ada)": "Dropbox",
    "soup (Copia in conflitto di Ada)": "Dropbox",
    "soup (Case Conflict)": "Dropbox",
    "soup (Selective Sync Conflict 1)": "Dropbox",
    "soup (Unicode Encoding Conflict)": "Dropbox",
    "soup (conflicted copy 2026-11-05 101010)": "Nextcloud",
    "soup_conflict-20261105-101010": "Nextcloud",
    "soup_conflict-Ada-20261105-101010": "Nextcloud",
    "soup (SFConflict ada@example.org 2026-11-05-10-10-10)": "Seafile",
    "soup (case clash from Ada)": "Nextcloud",
    "soup_ADA-PC_Nov-05-101010-2026_Conflict": "Synology Drive",
    "soup (# Name clash 2026-11-05 a1B2c3 #)": "Proton Drive",
    "soup (2026_11_05 10_10_10 UTC)": "Windows File History",
}
WITH_THE_ID = {
    "soup-DESKTOP-1A2B3C4": "OneDrive",
    "soup-LAPTOP-1A2B3C4-2": "OneDrive",
    "soup-ADA-PC": "OneDrive",
    "soup-PC-ADA": "OneDrive",
    "soup-MacBook-Pro": "OneDrive",
    "soup-Adas-MacBook-Air-2": "OneDrive",
    "soup_LOCAL_1234": "git",
    "soup.REMOTE": "git",
    "soup.yaml.BACKUP.1234": "git",
    "soup (conflicting version by Ada)": "a sync program",
    "soup (Konfliktkopie von Ada 2026-11-05)": "a sync program",
    "soup (Cópia em conflito de Ada 2026-11-05)": "a sync program",
    "soup (конфликтующая копия с компьютера Ады)": "a sync program",
    "soup (Ada 的冲突副本 2026-11-05)": "a sync program",
    "soup (Ada の競合コピー 2026-11-05)": "a sync program",
    "soup - コピー (2)": "a file manager",
    "soupのコピー": "a file manager",
    "soup 的副本": "a file manager",
    "soup - 복사본": "a file manager",
    "soup — копия": "a file manager",
    "soup - Kopi (2)": "a file manager",
    "soup_BASE_1234": "git",
    "soup_REMOTE_1234": "git",
    "soup_BACKUP_1234": "git",
    "soup (conflict on 2026-11-05)": "a sync program",
    "soup [conflicted]": "a sync program",
    "soup.Conflict": "a sync program",
    "soup.conflict1": "a sync program",
    "soup (1)": "a sync program or browser",
    "soup(12)": "a sync program or browser",
    "soup.orig": "an editor",
    "soup~": "an editor",
    "soup.~3~": "an editor",
    "soup.bak": "an editor",
    "soup.old2": "an editor",
    "soup copy": "a file manager",
    "soup copy 2": "a file manager",
    "soup - Copy": "a file manager",
    "soup - Copy (2)": "a file manager",
    "soup – Kopie": "a file manager",
    "soup (copy)": "a file manager",
    "soup (another copy)": "a file manager",
    "soup (3rd copy)": "a file manager",
    "soup 2": "a file manager",
    "Copy of soup": "a file manager",
    "Kopie von soup": "a file manager",
    "soup-backup": "a backup",
    "soup_backup2": "a backup",
    "soup-old": "a backup",
    "soup.copy": "a backup",
    "soup - Copy - Copy": "a file manager",
    "soup (1) (Ada's conflicted copy)": "Dropbox",
    "soup copy.orig": "an editor",
}
NO_COPIES = ["soup", "soup-2", "soup-vegetables", "soup-DONE", "soupcopy", "(1)", " copy",
             "soup-backup-plan", "other (1)",
             "soup-sync-conflict", "soup_LOCAL", "soup.local", "soup-machine", "soup (photocopier)",
             "soup (2026_11_05)", "soup (12345)", "orig", "soup.conflicts"]  # fmt: skip


@pytest.mark.parametrize(("stem", "program"), [*COPIES.items(), *WITH_THE_ID.items()])
def test_a_copy_with_the_id_of_its_original_is_known_by_its_name(stem: str, program: str) -> None:
    assert copied_by(stem, "soup") == program


@pytest.mark.parametrize(("stem", "program"), COPIES.items())
def test_names_that_nobody_gives_are_certain_without_an_id_in_the_file(stem: str, program: str) -> None:
    assert copied_by(stem, stem) == program


@pytest.mark.parametrize("stem", [stem for stem, program in WITH_THE_ID.items() if program != "Dropbox"])
def test_names_that_people_give_count_only_with_the_id_of_the_original(stem: str) -> None:
    assert copied_by(stem, stem) is None
    assert copied_by(stem, "stew") is None


@pytest.mark.parametrize("stem", NO_COPIES)
def test_other_names_are_no_copies(stem: str) -> None:
    assert copied_by(stem, "soup") is None


def test_a_copy_of_a_copy_is_followed_four_times() -> None:
    assert copied_by("soup" + " copy" * 4, "soup") == "a file manager"
    assert copied_by("soup" + " copy" * 5, "soup") is None


TEMPORARY = ["tmpab12cd_9", "tmp.AbCdEfGhIj", "tmp", "temp", "soup.tmp", "soup-tmp", "soup_temp", "soup.part",
             "soup.partial",
             "soup.swp", "soup.tmp.1234", "soup.tmp-ab12", "soup.tmp_x1y2", "soup.new", "soup-tmp-1a2b", "soup_temp99",
             "soupab12cd_9", "soup-1234567890", "soup.a1b2c3d4e5f6"]  # fmt: skip
NOT_TEMPORARY = ["soup", "soup-backup", "soup-2", "temperature", "read-temp-sensor", "tmp-cleanup", "template",
                 "soup-new",
                 "attempt", "soup (1)", "soup.sync-conflict-20261105-101010-ABCDEFG", "soup-vegetables",
                 "tmpl"]  # fmt: skip


@pytest.mark.parametrize("stem", TEMPORARY)
def test_names_of_temporary_files(stem: str) -> None:
    assert looks_temporary(stem, "soup")


@pytest.mark.parametrize("stem", NOT_TEMPORARY)
def test_names_of_tasks_are_not_taken_for_temporary_files(stem: str) -> None:
    assert not looks_temporary(stem, "soup")
    assert not looks_temporary(stem, stem)


def test_random_ends_and_names_are_temporary_only_if_they_are_not_the_id() -> None:
    for stem in ("soup-1234567890", "soupab12cd_9", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "20261105123456"):
        assert looks_temporary(stem, "soup")
        assert not looks_temporary(stem, stem)
    assert not looks_temporary("2026110", "soup")


def test_pythons_own_temporary_files_are_known() -> None:
    for _ in range(200):
        with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
            assert looks_temporary(file.name.rsplit("/", 1)[-1].removesuffix(".yaml"), "soup")
