"""Recordings varied: tones stand where they should, lengths are exact, and the same seed makes the same bytes in any shards."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from libs.common.errors import PlatformError, Reason
from libs.common.work.engine import SilentReporter
from libs.data.records import PARENT
from libs.data.versions import read_manifest, verify
from services.dataset.engine import augmenting
from services.dataset.engine.augmentations import AUGMENTATIONS
from services.dataset.engine.augmentations._audio import AudioVariation, Sound
from services.dataset.engine.draw import Draw
from tests.support.outcome import outcome
from tests.unit.dataset_engine.make import outputs, records
from tests.unit.dataset_engine.test_media import brought, sound

WAYS = [name for name, kind in AUGMENTATIONS.items() if kind.of == "Audio"]
RATE = 16_000


def tone(pitch: float = 440.0, seconds: float = 1.0, channels: int = 1) -> Sound:
    wave = np.sin(2 * np.pi * pitch * np.arange(int(seconds * RATE)) / RATE) * 0.3 * (1 << 31)
    return Sound(np.repeat(wave[:, None], channels, axis=1), RATE, "WAV", "PCM_16")


def heard(frames: NDArray[Any]) -> float:
    """The strongest tone, in Hz."""
    part = frames[len(frames) // 4 : -len(frames) // 4, 0] * np.hanning(len(frames[len(frames) // 4 : -len(frames) // 4]))
    spectrum = np.abs(np.fft.rfft(part, 1 << 17))
    return float(np.argmax(spectrum)) * RATE / (1 << 17)


def way(name: str, **options: Any) -> AudioVariation:
    kind = AUGMENTATIONS[name]
    made = kind.variation(kind.read(options))
    assert isinstance(made, AudioVariation)
    return made


def made(version: Path, work: Path, name: str, **options: Any) -> dict[str, Any]:
    result = augmenting.run({"input": str(version), "augmentation": name, "options": options}, work, SilentReporter())
    verify(work / "out")
    return result


@pytest.fixture
def version(tmp_path: Path) -> Path:
    files = {f"yes/{n}.wav": sound(seconds=0.4 + n / 10, pitch=300 + 50 * n) for n in range(4)}
    brought(tmp_path, {**files, "no/a.flac": sound("FLAC", 0.5, 16_000)}, shard_bytes=400)
    return tmp_path / "work" / "out"


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2.0])
def test_a_recording_that_is_played_faster_is_shorter_and_higher(factor: float) -> None:
    frames = way("Speed_Audio", slowest=factor, fastest=factor).change(tone(channels=2), Draw(1))
    assert frames is not None
    assert frames.shape == (int(RATE / factor), 2)
    assert heard(frames) == pytest.approx(440 * factor, rel=0.005)


@pytest.mark.parametrize("seed", range(6))
def test_another_pitch_lasts_as_long(seed: int) -> None:
    semitones = 4.0
    factor = 2.0 ** (Draw(seed).between(-semitones, semitones) / 12)
    frames = way("Pitch_Audio", semitones=semitones).change(tone(), Draw(seed))
    assert frames is not None
    assert len(frames) == RATE
    assert heard(frames) == pytest.approx(440 * factor, rel=0.02)


def test_what_is_too_short_to_stretch_gives_nothing() -> None:
    assert way("Pitch_Audio").change(tone(seconds=0.05), Draw(1)) is None


@pytest.mark.parametrize("below", [0.0, 20.0])
def test_noise_is_as_far_below_as_was_drawn(below: float) -> None:
    plain = tone()
    frames = way("Noise_Audio", loudest=below, quietest=below).change(plain, Draw(1))
    assert frames is not None
    noise = frames - plain.frames
    assert 10 * np.log10((plain.frames**2).mean() / (noise**2).mean()) == pytest.approx(below, abs=0.3)
    assert abs(noise.mean()) < noise.std() / 20
    assert way("Noise_Audio").change(plain._replace(frames=np.zeros((RATE, 1))), Draw(1)) is None


@pytest.mark.parametrize("name", WAYS)
def test_children_stand_behind_their_parents_in_the_format_of_these(version: Path, tmp_path: Path, name: str) -> None:
    result = made(version, tmp_path / "more", name, copies=2)
    assert (result["ledger"]["in"], result["ledger"]["added"], result["ledger"]["out"]) == (5, 10, 15)
    before, after = records(version), records(tmp_path / "more" / "out")
    assert {record["id"] for record in before} <= {record["id"] for record in after}
    blobs = {blob.digest: blob for blob in read_manifest(tmp_path / "more" / "out").blobs}
    parents = {record["id"]: record for record in before}
    for child in (record for record in after if PARENT in record):
        parent = parents[child[PARENT]]
        old, new = blobs[parent["audio"]["blob"]], blobs[child["audio"]["blob"]]
        assert (child["label"], new.media_type, new.facts["rate"]) == (parent["label"], old.media_type, old.facts["rate"])
        assert new.facts["seconds"] == pytest.approx(old.facts["seconds"], rel=0.12)
        with soundfile.SoundFile(io.BytesIO((tmp_path / "more" / "out" / new.name).read_bytes())) as file:
            assert (file.frames, file.subtype) == (round(new.facts["seconds"] * file.samplerate), "PCM_16")


@pytest.mark.parametrize("name", WAYS)
def test_the_same_seed_makes_the_same_bytes(version: Path, tmp_path: Path, name: str) -> None:
    made(version, tmp_path / "one", name, seed=5)
    made(version, tmp_path / "two", name, seed=5, processes=2)
    made(version, tmp_path / "other", name, seed=6)
    assert outputs(tmp_path / "one" / "out") == outputs(tmp_path / "two" / "out")
    assert outputs(tmp_path / "one" / "out") != outputs(tmp_path / "other" / "out")


def test_loud_recordings_are_cut_at_full_scale_and_not_turned_over(tmp_path: Path) -> None:
    loud = np.sign(np.sin(2 * np.pi * 50 * np.arange(8000) / 8000)) * 0.999
    out = io.BytesIO()
    soundfile.write(out, loud, 8000, format="WAV", subtype="PCM_24")
    brought(tmp_path, {"a.wav": out.getvalue()})
    made(tmp_path / "work" / "out", tmp_path / "more", "Noise_Audio", loudest=0.0, quietest=0.0)
    child = next(record for record in records(tmp_path / "more" / "out") if PARENT in record)
    blob = next(blob for blob in read_manifest(tmp_path / "more" / "out").blobs if blob.digest == child["audio"]["blob"])
    with soundfile.SoundFile(io.BytesIO((tmp_path / "more" / "out" / blob.name).read_bytes())) as file:
        assert file.subtype == "PCM_24"
        found = file.read()
    assert found.max() >= 0.9999
    quiet = np.abs(loud) < 2  # all of them: what differs in sign is noise of more than the sound
    assert (np.sign(found[quiet]) == np.sign(loud[quiet])).mean() > 0.75


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("Speed_Audio", {"slowest": 2, "fastest": 1}),
        ("Speed_Audio", {"slowest": 0}),
        ("Noise_Audio", {"loudest": 50}),
        ("Pitch_Audio", {"semitones": 40}),
    ],
)
def test_options_that_mean_nothing_are_refused(name: str, options: dict[str, Any]) -> None:
    error = outcome(lambda: way(name, **options))
    assert isinstance(error, PlatformError)
    assert (error.code, str(error.field).partition(".")[0]) == (400, "options")


def test_a_damaged_recording_names_its_file(version: Path, tmp_path: Path) -> None:
    blob = read_manifest(version).blobs[0]
    (version / blob.name).chmod(0o644)
    (version / blob.name).write_bytes(b"RIFF")
    error = outcome(lambda: made(version, tmp_path / "more", "Speed_Audio"))
    assert isinstance(error, PlatformError)
    assert (error.reason, error.details["file"]) == (Reason.FILE_TRUNCATED, blob.name)
