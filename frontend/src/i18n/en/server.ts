/**
 * Sentences of the server that annotators meet, exactly as it says them: serverText finds the translation by the
 * English (tests/contracts/test_server_sentences.py fails when the server says one differently).
 */
export const server = {
  disputedForOthers: 'Disputed faces are decided by adjudicators and admins; there is other work for you.',
  otherKinds: 'Nothing of this kind is waiting; other kinds of work are.',
  allDone: 'Nothing is waiting: everything that was handed out is done.',
  noneForYou:
    '{{what}} open, but none for you now: you worked on them, passed them over, or other people hold them or are to do them. Other people have to do the rest.',
  paused: 'You are paused here: {{reason}} Ask {{names}} how to go on; your drafts are kept.',
  othersBehind:
    'Others are behind: you are {{ahead}}. This dataset shares work evenly; there is more for you as soon as they have caught up, or after {{minutes}} minutes in which they do nothing.',
  leaseLost: 'You do not hold this item any more. Nothing was changed: ask for the next one.',
  lateKept:
    'Your lease had run out and this face went on without you. Your version is kept beside it, where an adjudicator can see it; it does not count as a pass.',
  skippedMany:
    'You passed over {{n}} items that are still open. Ask an admin to look at them, or label this one.',
  skipReason: 'Say in a few words why you pass this one over.',
  noFaceSeen: '{{model}} sees no face here: check whether it is one.',
  detectorsDiffer:
    'Two detectors draw this face differently (IoU {{overlap}}, between 0.3 and 0.7): check the box, or split it if it covers two faces.',
  pointsLie: 'Your {{region}} points lie {{where}} on average.',
  wrongPassword: 'This user name and password do not match. Check both and try again.',
  tooManyAttempts: 'Too many wrong passwords. Try again in {{minutes}} min.',
  notHere: 'There is no such thing, or you are not a member of its dataset.',
  databaseDown:
    'The database cannot be reached right now. Try again in a moment: a repeated submit is stored only once.',
  tokenNameTaken: 'You already have a token named {{name}}: revoke it first.',
  openQuestions: 'You have {{n}} open questions about this face: wait for an answer.',
  notYourFace: 'You can ask and answer about faces that you work or worked on.',
} as const;
