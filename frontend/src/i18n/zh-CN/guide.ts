import type { guide as english } from '../en/guide';
import type { Translated } from '../types';

export const guide: Translated<typeof english> = {};
