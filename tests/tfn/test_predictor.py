"""Prediction: the provider protocol, alone as in a batch, calibration, and the model file."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from jfa_pipeline.coarse.protocol import Provider
from jfa_pipeline.core.boxes import Box
from tfn.config import TfnConfig, baseline, tafn_heatmap, tfn_heatmap
from tfn.data.pictures import ProceduralPictures
from tfn.data.procedural import Scene
from tfn.model_file import (
    Model,
    ModelFileInvalid,
    config_from_json,
    config_to_json,
    load_model,
    save_atomically,
    save_model,
)
from tfn.models.network import Network
from tfn.postprocess import heatmap_peaks, heatmap_spread, probed_boxes, wandering, warmed_scores
from tfn.presets import fast, tiny
from tfn.serve.calibration import _class_temperature, _score_temperature, fit_temperatures
from tfn.serve.evaluation import Evaluation, evaluate
from tfn.serve.predictor import NotServable, Predictor
from tfn.targets import Targets


@pytest.fixture
def predictor(network: Network) -> Predictor:
    """An untrained network shows about half of its boxes."""
    return Predictor(Model(network), score=0.3)


def test_it_is_a_provider_of_coarse_labels(predictor: Predictor, pictures: ProceduralPictures) -> None:
    assert isinstance(predictor, Provider)
    faces = predictor.label(pictures.picture(0).pixels)
    assert faces
    for face in faces:
        assert face.labels.landmarks is not None
        assert face.labels.landmarks.shape == (68, 2)
        assert face.point_spread_box is not None
        assert np.isfinite(face.point_spread_box).all()
        assert face.labels.gender in predictor.config.genders
        assert face.labels.ethnicity in predictor.config.ethnicities
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)


def test_it_says_the_same_of_an_image_alone_and_in_a_batch(predictor: Predictor) -> None:
    images = [
        ProceduralPictures(1, seed, scene=Scene(side=side, face=(20, 30), faces=(1, 1))).picture(0).pixels
        for seed, side in ((1, 64), (2, 80), (3, 64), (4, 48))
    ]
    images.append(np.ascontiguousarray(images[1][:50]))
    together = predictor.predict(images)
    for image, faces in zip(images, together, strict=True):
        alone = predictor.predict([image])[0]
        assert len(alone) == len(faces) > 0
        for one, other in zip(alone, faces, strict=True):
            assert one.coarse.labels.to_json() == other.coarse.labels.to_json()
            assert (one.coarse.score, one.uncertainty) == (other.coarse.score, other.uncertainty)


def test_it_answers_in_pixels_of_the_image_it_got(network: Network, pictures: ProceduralPictures) -> None:
    """The same picture at twice the size is the same network input, so boxes and points double."""
    small = pictures.picture(1).pixels
    config = replace(network.config, short_side=64, long_side=64)
    network.config = config
    predictor = Predictor(Model(network), score=0.3)
    big = np.repeat(np.repeat(small, 2, axis=0), 2, axis=1)
    for one, two in zip(predictor.label(small), predictor.label(big), strict=True):
        assert np.array(two.labels.box) == pytest.approx(2 * np.array(one.labels.box), abs=1e-3)
        np.testing.assert_allclose(two.labels.landmarks, 2 * one.labels.landmarks, atol=1e-2)


@pytest.mark.parametrize(
    "make", [tfn_heatmap, tafn_heatmap, lambda: baseline("ormm"), lambda: baseline("srmm"), fast]
)
def test_every_member_of_the_family_predicts(make, pictures: ProceduralPictures) -> None:
    torch.manual_seed(0)
    config = make()
    narrow = replace(config, short_side=64, long_side=64, width=1 / 16, fc_width=8)
    if config.landmark_head == "heatmap":
        narrow = replace(narrow, heatmap_encode=(8,), heatmap_decode=(8,) * len(config.heatmap_decode))
    predictor = Predictor(Model(Network(narrow)), score=0.0)
    faces = predictor.predict([pictures.picture(0).pixels])[0]
    assert faces
    assert set(faces[0].uncertainty) == {"detection", "landmarks", "age", "gender", "ethnicity"}


def test_it_refuses_a_network_that_stopped_between_s2_and_s4(network: Network) -> None:
    with pytest.raises(NotServable, match="S2"):
        Predictor(Model(network, ("S1", "S2")))
    Predictor(Model(network, ("S1", "S2", "S3", "S4")))


def test_a_model_file_gives_back_the_same_answers(
    network: Network, pictures: ProceduralPictures, tmp_path: Path
) -> None:
    model = Model(network.eval(), ("S1",), {"score": 2.0, "points": 0.5}, {"faces": 6})
    save_model(model, tmp_path / "model.pt")
    loaded = load_model(tmp_path / "model.pt")
    assert (loaded.stages, loaded.calibration, loaded.facts) == (model.stages, model.calibration, model.facts)
    first, second = Predictor(model, score=0.3), Predictor(loaded, score=0.3)
    assert first.version == second.version
    image = pictures.picture(2).pixels
    assert [f.labels.to_json() for f in first.label(image)] == [
        f.labels.to_json() for f in second.label(image)
    ]


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    save_atomically({"a": 1}, path)
    before = path.read_bytes()
    with pytest.raises((AttributeError, pickle.PicklingError)):
        save_atomically({"a": lambda: None}, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o444 == 0o444


@pytest.mark.parametrize("config", [tiny(), fast(), tafn_heatmap(), baseline("trmm")])
def test_a_configuration_survives_its_json_form(config: TfnConfig) -> None:
    assert config_from_json(config_to_json(config)) == config


def test_it_names_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "notes.pt").write_text("hello")
    with pytest.raises(ModelFileInvalid, match=r"notes\.pt"):
        load_model(tmp_path / "notes.pt")
    with pytest.raises(ModelFileInvalid, match="Unknown fields"):
        config_from_json(config_to_json(tiny()) | {"colour": "red"})


def test_warming_scores_keeps_their_order_and_one_half() -> None:
    scores = torch.tensor([0.1, 0.5, 0.9, 0.99])
    warmed = warmed_scores(scores, 2.0)
    assert warmed[1] == 0.5
    assert warmed[2] == pytest.approx(0.75)  # log-odds ln 9, halved: ln 3
    assert (warmed.diff() > 0).all()


def test_calibration_finds_the_temperature_of_overconfident_scores(
    network: Network, pictures: ProceduralPictures
) -> None:
    """An untrained network is right about as often as chance: sharp logits must be flattened."""
    with torch.no_grad():
        network.attribute_decision.gender.weight.mul_(2000)
    predictor = Predictor(Model(network.eval()), score=0.05)
    found = fit_temperatures(predictor, ProceduralPictures(30, 9, pictures.scene))
    assert found.gender > 3
    assert all(value > 0 for value in found)


def test_thirty_right_answers_do_not_make_a_network_certain() -> None:
    logits, labels = [torch.tensor([[4.0, -4.0]]).repeat(30, 1)], [torch.zeros(30, dtype=torch.long)]
    temperature = _class_temperature(logits, labels)
    assert float(torch.softmax(logits[0][0] / temperature, dim=0)[0]) == pytest.approx(31 / 32, abs=0.01)
    scores, hits = torch.tensor([0.9999] * 30 + [0.01] * 8), torch.tensor([True] * 30 + [False] * 8)
    warm = warmed_scores(scores, _score_temperature(scores, hits))
    assert 0.9 < float(warm[0]) < 0.99


def test_a_peak_between_two_cells_is_found_between_them() -> None:
    maps = torch.full((1, 1, 7, 7), -50.0)
    maps[0, 0, 3, 2] = maps[0, 0, 3, 3] = 4.0
    assert heatmap_peaks(maps, sub_pixel=False)[0, 0].tolist() == [2.5, 3.5]
    assert heatmap_peaks(maps, sub_pixel=True)[0, 0].tolist() == pytest.approx([3.0, 3.5])
    corner = torch.zeros(1, 1, 7, 7)
    corner[0, 0, 0, 6] = 30.0
    assert heatmap_peaks(corner, sub_pixel=True)[0, 0].tolist() == pytest.approx([6.5, 0.5])


def test_the_spread_of_two_equal_peaks_is_half_their_distance() -> None:
    maps = torch.full((1, 1, 10, 10), -100.0)
    maps[0, 0, 5, 1] = maps[0, 0, 5, 7] = 0.0
    assert float(heatmap_spread(maps)) == pytest.approx(0.3)


def test_a_landmark_net_that_follows_the_box_wanders_with_it() -> None:
    boxes = torch.tensor([[0.0, 0, 100, 100]])
    probed = probed_boxes(boxes)
    still = torch.full((1, 68, 2), 50.0)
    assert wandering(still, still.repeat(6, 1, 1), boxes).max() == 0
    centres = ((probed[:, :2] + probed[:, 2:]) / 2)[:, None].repeat(1, 68, 1)
    assert wandering(still, centres, boxes)[0, 0] == pytest.approx((4 * 25 / 6) ** 0.5 / 100)


def test_evaluation_counts_what_was_found_and_what_was_not(
    predictor: Predictor, pictures: ProceduralPictures
) -> None:
    """Truth as answers is perfect; the same inside an ignore region counts neither way; nothing found is all wrong."""
    picture = pictures.picture(0)
    template = predictor.predict([picture.pixels])[0][0]
    targets = picture.targets
    labels = replace(
        template.coarse.labels,
        box=Box(*targets.boxes[0].tolist()),
        landmarks=targets.landmarks[0].numpy(),
        age=float(targets.age[0]),
        gender=predictor.config.genders[int(targets.gender[0])],
        ethnicity=predictor.config.ethnicities[int(targets.ethnicity[0])],
    )
    face = replace(template, coarse=replace(template.coarse, labels=labels))
    perfect = Evaluation(predictor.config.genders, predictor.config.ethnicities)
    perfect.add(picture, [face])
    figures = perfect.figures()
    assert (figures["ap50"], figures["gender_acc"], figures["ethnicity_acc"]) == (1.0, 1.0, 1.0)
    assert (figures["nme_interocular"], figures["age_mae"]) == (0.0, pytest.approx(0, abs=1e-5))
    ignored = picture._replace(targets=replace(Targets.of_boxes(torch.zeros(0, 4)), ignored=targets.boxes))
    aside = Evaluation(predictor.config.genders, predictor.config.ethnicities)
    aside.add(ignored, [face])
    assert (aside.detection.detections_n, aside.detection.truth_n) == (0, 0)
    blind = evaluate(Predictor(Model(predictor.network), score=1.0), pictures).figures()
    assert (blind["ap50"], blind["age_mae"], blind["age_mae_coverage"]) == (0.0, None, 0.0)
    assert blind["failure_rate_0.1"] == 1.0
