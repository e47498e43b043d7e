import type { keys as english } from '../en/keys';
import type { Translated } from '../types';

export const keys: Translated<typeof english> = {};
