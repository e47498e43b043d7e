/** The types of the catalogues: which keys exist and what each sentence must be given. */

import type { en } from './en';

type Catalogues = typeof en;
type Area = keyof Catalogues & string;

/** Plural forms are keys of one sentence: `points_one` and `points_other` are both asked for as `points`. */
type Asked<K extends string> = K extends `${infer Base}_other` ? Base : K extends `${string}_one` ? never : K;

/** 'labelling.save' and so on. */
export type TextKey = { [A in Area]: `${A}.${Asked<keyof Catalogues[A] & string>}` }[Area];

/** Another language's catalogue of an area: the same keys, but for a form of "one" if the language has none. */
export type Translated<C> = { readonly [K in keyof C as K extends `${string}_one` ? never : K]: string };

/** Names inside {{ }}; what follows a comma is how to write the value ("{{n, number}}"). */
type Placeholders<S extends string> = S extends `${string}{{${infer Inside}}}${infer Rest}`
  ? (Inside extends `${infer Name},${string}` ? Name : Inside) | Placeholders<Rest>
  : never;

type TextIn<A extends Area, K extends string> = K extends keyof Catalogues[A]
  ? Catalogues[A][K] & string
  : `${K}_other` extends keyof Catalogues[A]
    ? Catalogues[A][`${K}_other`] & string
    : never;

type IsPlural<A extends Area, K extends string> = `${K}_other` extends keyof Catalogues[A] ? 'count' : never;

type Needed<T extends TextKey> = T extends `${infer A}.${infer K}`
  ? A extends Area
    ? Placeholders<TextIn<A, K>> | IsPlural<A, K>
    : never
  : never;

/** A sentence without placeholders takes nothing more; one with placeholders takes exactly a value for each. */
export type Values<T extends TextKey> = [Needed<T>] extends [never]
  ? []
  : [values: { readonly [P in Needed<T>]: P extends 'count' ? number : string | number }];

/** Keys of texts that stand for themselves, for tables of names. */
export type PlainKey = { [T in TextKey]: Values<T> extends [] ? T : never }[TextKey];
