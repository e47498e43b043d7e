/** Said to those who do not see the photograph change. */
export const announce = {
  annotate: 'Face {{id}} to label.',
  check: 'Face {{id}} to check.',
  adjudicate: 'Face {{id}} to decide.',
  sweep: 'Photograph {{id}} to sweep.',
  empty: 'Nothing waits for you.',
} as const;
