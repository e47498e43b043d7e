import type { shape as english } from '../en/shape';
import type { Translated } from '../types';

export const shape: Translated<typeof english> = {};
