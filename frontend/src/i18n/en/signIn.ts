export const signIn = {
  again: 'Sign in again',
  ranOut:
    'Your session ran out. The page below keeps your work; nothing is lost. “Not now” asks again in a minute.',
  otherUser:
    'Somebody else signed in in this browser, in another tab. This page belongs to {{name}} and sends nothing as anybody else; what is not sent yet stays in this browser for {{name}}. Sign in again to go on.',
  leaveIt: 'Leave this page',
  userName: 'User name',
  password: 'Password',
  signIn: 'Sign in',
  notNow: 'Not now',
} as const;
