import { announce } from './announce';
import { batch } from './batch';
import { check } from './check';
import { classes } from './classes';
import { common } from './common';
import { guide } from './guide';
import { home } from './home';
import { keys } from './keys';
import { labelling } from './labelling';
import { problems } from './problems';
import { safety } from './safety';
import { server } from './server';
import { shape } from './shape';
import { signIn } from './signIn';
import { sweep } from './sweep';
import { tutorial } from './tutorial';
import { view } from './view';
import { words } from './words';

/** Every text of the annotators' pages, by area. Keys are camelCase; the only underscore is a plural's. */
export const en = {
  announce,
  batch,
  check,
  classes,
  common,
  guide,
  home,
  keys,
  labelling,
  problems,
  safety,
  server,
  shape,
  signIn,
  sweep,
  tutorial,
  view,
  words,
} as const;
