/** The explorer's filter: one object for the page's address, the API's query and the sentence that describes it. */

export const FILTER_KEYS = [
  'state',
  'person',
  'flag',
  'gender',
  'ethnicity',
  'age_min',
  'age_max',
  'import',
  'image',
  'made_by',
  'did',
  'closed_from',
  'closed_to',
  'policy_version',
  'policy_before',
  'disagreement',
  'age_sd_min',
  'delivery',
  'assigned',
  'level',
  'blocked',
] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];
export type FaceFilter = Partial<Record<FilterKey, string>>;

/** Reads a filter from an address; unknown keys and empty values are dropped. */
export function filterFromQuery(query: string): FaceFilter {
  const given = new URLSearchParams(query);
  const filter: FaceFilter = {};
  for (const key of FILTER_KEYS) {
    const value = given.get(key)?.trim();
    if (value) filter[key] = value;
  }
  return filter;
}

/** The filter as a query without '?', keys always in the same order: the same view has one address. */
export function filterQuery(filter: FaceFilter): string {
  const query = new URLSearchParams();
  for (const key of FILTER_KEYS) {
    const value = filter[key];
    if (value) query.set(key, value);
  }
  return query.toString();
}

/** A copy with one value set, or taken away where it is empty or already the chosen one. */
export function filterToggled(filter: FaceFilter, key: FilterKey, value: string): FaceFilter {
  const { [key]: before, ...rest } = filter;
  return !value || before === value ? rest : { ...rest, [key]: value };
}

const WORDS: Record<FilterKey, string> = {
  state: 'state',
  person: 'person',
  flag: 'flag',
  gender: 'gender',
  ethnicity: 'ethnicity',
  age_min: 'age from',
  age_max: 'age up to',
  import: 'import',
  image: 'image',
  made_by: 'pre-labelled by',
  did: 'work',
  closed_from: 'accepted from',
  closed_to: 'accepted up to',
  policy_version: 'accepted under policy',
  policy_before: 'accepted under a policy before',
  disagreement: 'disagreement',
  age_sd_min: 'ages apart by SD from',
  delivery: 'delivery',
  assigned: 'assigned to',
  level: 'priority',
  blocked: 'blocked',
};

/** One part for each condition, for the line above the grid; `names` translates values (person and import ids). */
export function filterParts(
  filter: FaceFilter,
  names: (key: FilterKey, value: string) => string = (_key, value) => value,
): { key: FilterKey; text: string }[] {
  return FILTER_KEYS.flatMap((key) => {
    const value = filter[key];
    if (!value) return [];
    const text = key === 'blocked' ? 'blocked' : `${WORDS[key]}: ${names(key, value).replaceAll('_', ' ')}`;
    return [{ key, text }];
  });
}
