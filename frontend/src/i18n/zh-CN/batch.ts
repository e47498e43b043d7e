import type { batch as english } from '../en/batch';
import type { Translated } from '../types';

export const batch: Translated<typeof english> = {};
