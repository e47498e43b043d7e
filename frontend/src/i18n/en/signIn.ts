export const signIn = {
  again: 'Sign in again',
  ranOut:
    'Your session ran out. The page below keeps your work; nothing is lost. “Not now” asks again in a minute.',
  userName: 'User name',
  password: 'Password',
  signIn: 'Sign in',
  notNow: 'Not now',
} as const;
