/** What goes wrong before the server could say anything. */
export const problems = {
  unreachable: 'The server cannot be reached. Nothing is lost: the page keeps your work and tries again.',
  unexplained: 'The server answered with status {{status}} and no explanation.',
} as const;
