import type { safety as english } from '../en/safety';
import type { Translated } from '../types';

export const safety: Translated<typeof english> = {};
