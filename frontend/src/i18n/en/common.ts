export const common = {
  listSeparator: ', ',
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  tryAgain: 'Try again',
  ages_one: '{{count, number}} year',
  ages_other: '{{count, number}} years',
} as const;
