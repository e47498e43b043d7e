"""Several people's blind answers become one version of a face when its round ends."""

from __future__ import annotations

from annotator.datasets.models import PolicyVersion
from annotator.faces.models import Face, Revision, RevisionKind
from annotator.work.selectors.versions import blind_labels, round_versions
from jfa_pipeline.aggregate.blind import combine_blind
from jfa_pipeline.core.labels import FaceLabels


def face_combine(*, face: Face, policy_version: PolicyVersion) -> tuple[str, ...]:
    """Combine what the people of a locked face's round answered blind; returns the labels that are tied.

    Counted are the annotator and the checkers who gave all of the policy's ``blind_in_checks`` without seeing
    anybody's. The result becomes current as an ``aggregate`` revision on top of the current one; nothing is
    written for a tie, for fewer than two such people, or where the result is what is current already.
    """
    policy = policy_version.policy
    asked = set(policy.blind_in_checks)
    given = {
        version.author_id: version.labels
        for version in round_versions(face=face)
        if version.author_id is not None and asked <= blind_labels(version)
    }
    assert face.current is not None  # noqa: S101  # every face is made together with a revision
    if len(given) < 2:
        return ()
    labels, tied, _ = combine_blind(face.current.labels, given, policy)
    if tied:
        return tied
    if not labels.same_but_age(face.current.labels):
        aggregate_create(
            face=face,
            labels=labels,
            policy_version=policy_version,
            made_by=f"{len(given)} people combined",
            comment=f"Given independently: {', '.join(policy.blind_in_checks)}.",
        )
    return ()


def aggregate_create(
    *, face: Face, labels: FaceLabels, policy_version: PolicyVersion | None, made_by: str, comment: str
) -> Revision:
    """Add an ``aggregate`` revision on top of a locked face's current one, and make it current. It has no age."""
    revision = Revision.objects.create(
        face=face,
        parent_id=face.current_id,
        kind=RevisionKind.AGGREGATE,
        round=face.round,
        made_by=made_by[:60],
        policy=policy_version,
        comment=comment[:500],
        **Revision.columns_of(labels.without_age()),
    )
    face.current = revision
    face.save(update_fields=["current"])
    return revision
