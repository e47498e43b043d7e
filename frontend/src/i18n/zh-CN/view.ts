import type { view as english } from '../en/view';
import type { Translated } from '../types';

export const view: Translated<typeof english> = {};
