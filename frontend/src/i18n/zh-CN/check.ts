import type { check as english } from '../en/check';
import type { Translated } from '../types';

export const check: Translated<typeof english> = {};
