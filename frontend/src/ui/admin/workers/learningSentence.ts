import type { Workers } from '../../../api/types';

/** The state of the learning worker as one sentence; the server's own message says the rest. */
export function learningSentence({ state, message }: Workers['learning']): string {
  const said = message ? ` ${message.trim().replace(/[.]?$/, '.')}` : '';
  switch (state) {
    case 'ready':
      return `Learning worker: ready.${said}`;
    case 'installing':
      return `Learning worker: its packages are being installed; labelling works meanwhile.${said}`;
    case 'failed':
      return `Learning worker: it could not be set up; labelling works without it.${said}`;
    case 'skipped':
      return `Learning worker: switched off on this installation.${said}`;
    case 'absent':
      return `Learning worker: not started.${said}`;
  }
}
