import type { signIn as english } from '../en/signIn';
import type { Translated } from '../types';

export const signIn: Translated<typeof english> = {};
