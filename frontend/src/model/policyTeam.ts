/** Whether a dataset's people are enough for what a policy asks, told before it is published. */

import type { Person, Policy } from '../api/types';
import { countOf } from './words';

type Member = Pick<Person, 'role' | 'is_active'>;

const LABELLERS: readonly string[] = ['annotator', 'adjudicator', 'admin'];
const DECIDERS: readonly string[] = ['adjudicator', 'admin'];

/** Sentences about faces that this team could not finish; none: it can. */
export function teamWarnings(policy: Policy, people: readonly Member[]): string[] {
  const active = people.filter((person) => person.is_active);
  const team = active.filter((person) => LABELLERS.includes(person.role)).length;
  const has = `This team has ${team === 1 ? '1 active person' : `${team} active people`}`;
  const needed = 1 + policy.checks;
  const found: string[] = [];
  if (team < needed) {
    const remedy = team > 0 ? ` or ask for ${countOf(team - 1, 'check')}` : '';
    found.push(
      `${has}; a face needs ${needed}. Its last check will be listed as blocked: add people${remedy}.`,
    );
  } else if (policy.checks > 0 && team === needed) {
    found.push(`${has}, and a face needs all of them: nobody is left to decide when they differ.`);
  }
  if (policy.checks > 0 && !active.some((person) => DECIDERS.includes(person.role)))
    found.push('Nobody active may decide disputes: give somebody the role of adjudicator.');
  if (policy.age_error_max > 0 && policy.age_people_max > team)
    found.push(`${has}, so a face gets at most ${countOf(team, 'age')}, not ${policy.age_people_max}.`);
  return found;
}
