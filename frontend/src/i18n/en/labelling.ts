export const labelling = {
  age: 'Apparent age',
  ageInYears: 'Apparent age in years',
  ageDigits: 'type two digits',
  ageAgain: 'type again',
  ageNone: 'not given',
  ageEstimate: 'years, your own estimate',
  ageOwn: 'years, among {{bracket}}',
  ageHidden: 'others’ answers stay hidden',
  ageNotAsked: 'not asked: the flag says so',
  ageSpoken_one: '{{count}} year, among {{bracket}}',
  ageSpoken_other: '{{count}} years, among {{bracket}}',
} as const;
