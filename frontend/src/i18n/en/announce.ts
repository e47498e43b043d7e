/** Said to those who do not see the photograph change. */
export const announce = {
  annotate: 'Face {{id}} to label.',
  check: 'Face {{id}} to check.',
  adjudicate: 'Face {{id}} to decide.',
  sweep: 'Photograph {{id}} to sweep.',
  empty: 'There is no work for you now.',
} as const;
