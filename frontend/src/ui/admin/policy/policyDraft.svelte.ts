import type { Policy } from '../../../api/types';
import { classesFromText, policyProblems } from '../../../model/policyEdit';
import {
  LABELS,
  MAY_BE_BLIND,
  NUMBERS,
  type ChoiceField,
  type PolicyField,
  type PolicyNumber,
} from '../../../model/policyFields';
import type { FlagDraft } from './FlagEditor.svelte';

/** An emptied number field is null until something is typed. */
type Typed = number | null;

const given = (value: Typed | undefined): number => value ?? Number.NaN;

/** Names with numbers; those whose field is empty are left out. */
const named = (typed: Record<string, Typed>): Record<string, number> =>
  Object.fromEntries(Object.entries(typed).filter((pair): pair is [string, number] => pair[1] !== null));

/** A policy that is being changed: what the fields of the form hold, and the policy that they make. */
export class PolicyDraft {
  genders = $state('');
  ethnicities = $state('');
  cannotTell = $state('');
  required = $state<string[]>([]);
  flags = $state.raw<FlagDraft[]>([]);
  blindInChecks = $state<string[]>([]);
  regions = $state<Record<string, Typed>>({});
  watched = $state<Record<string, Typed>>({});
  watchPauses = $state(true);
  tutorialRequired = $state(false);
  readonly numbers: Record<PolicyNumber['field'], Typed>;
  readonly choices: Record<ChoiceField, string>;

  constructor(from: Policy) {
    this.genders = from.genders.join(', ');
    this.ethnicities = from.ethnicities.join(', ');
    this.cannotTell = from.cannot_tell;
    this.required = [...from.required];
    this.flags = Object.entries(from.flags).map(([name, removes], key) => ({
      key,
      name,
      removes: [...removes],
    }));
    this.blindInChecks = [...from.blind_in_checks];
    this.regions = { ...from.region_nme_max };
    this.watched = { ...from.watch_acceptable };
    this.watchPauses = from.watch_pauses;
    this.tutorialRequired = from.tutorial_required;
    const numbers = $state(
      Object.fromEntries(NUMBERS.map(({ field }) => [field, from[field]])) as Record<
        PolicyNumber['field'],
        Typed
      >,
    );
    this.numbers = numbers;
    const choices = $state({
      order: from.order as string,
      distribution: from.distribution as string,
      on_disagreement: from.on_disagreement as string,
      attributes_by: from.attributes_by as string,
    });
    this.choices = choices;
  }

  readonly policy: Policy = $derived.by(
    () =>
      ({
        genders: classesFromText(this.genders),
        ethnicities: classesFromText(this.ethnicities),
        cannot_tell: this.cannotTell.trim(),
        flags: Object.fromEntries(this.flags.map((flag) => [flag.name.trim(), flag.removes])),
        required: LABELS.filter((label) => this.required.includes(label)),
        blind_in_checks: MAY_BE_BLIND.filter((label) => this.blindInChecks.includes(label)),
        region_nme_max: named(this.regions),
        watch_acceptable: named(this.watched),
        watch_pauses: this.watchPauses,
        tutorial_required: this.tutorialRequired,
        ...(Object.fromEntries(NUMBERS.map(({ field }) => [field, given(this.numbers[field])])) as Record<
          PolicyNumber['field'],
          number
        >),
        ...(this.choices as Pick<Policy, ChoiceField>),
      }) satisfies Policy,
  );
  readonly problems = $derived(policyProblems(this.policy));
  readonly hasFlagTwice = $derived(
    new Set(this.flags.map((flag) => flag.name.trim())).size < this.flags.length,
  );

  problem(field: PolicyField): string | null {
    return this.problems.find((one) => one.field === field)?.message ?? null;
  }
}
