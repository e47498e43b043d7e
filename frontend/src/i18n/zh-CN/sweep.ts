import type { sweep as english } from '../en/sweep';
import type { Translated } from '../types';

export const sweep: Translated<typeof english> = {};
