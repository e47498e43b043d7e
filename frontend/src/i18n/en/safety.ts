/** Nothing lost: drafts, connections, other tabs, refused saves. */
export const safety = {
  item: 'Item {{id}}',
  face: 'Face {{id}}',
  photograph: 'Photograph {{id}}',
  wasNotSaved: '{{subject}} was not saved. {{reason}}',
  notSaved: 'Not saved. {{reason}}',
  keptAsDraft: '{{refusal}} Your work on it is kept as its draft.',
  comesBackNext: '{{subject}}, which you sent, was refused; it comes back as the next one.',
  read: 'I have read this',
  saved: 'Saved',
  saving: 'Saving',
  offline: 'Offline',
  offlineWaiting: 'Offline, {{n, number}} waiting',

  draftRestored: 'Draft from {{ago}} restored.',
  interrupted:
    'The page was closed in the middle of a drag: what you see is the state before that drag. Everything earlier is here.',
  takenBack:
    'Taken back: your save does not count any more until you save again. Others do not get this face meanwhile.',
  discard: 'Discard',
  leaseLost:
    'This one is no longer with you: your time on it ran out and somebody else got it, or you finished it elsewhere. Nothing you did is lost: saving keeps your labels for the adjudicator.',
  saveAnyway: 'Save anyway',
  leaveIt: 'Leave it',
  otherDraft:
    'You worked on this one in another tab or on another computer too, {{ago}}. Neither is overwritten: choose which to go on with.',
  takeOther: 'Take the other',
  keepThis: 'Keep this',
  chooseDraft: 'First choose: the other draft, or this one.',
  theirs:
    'While you worked, {{author}} saved another version of this face. Yours was not stored yet. The other one is drawn in orange.',
  takeTheirs: 'Take theirs',
  keepMine: 'Keep mine',

  storageFull: 'This browser’s storage is full: it cannot keep a copy of your work.',
  storageBlocked: 'This browser cannot keep a copy of your work ({{detail}}).',
  serverHasIt: 'The server still gets everything; only wait for “Saved” before you close the tab.',
  nowhereElse:
    'The server cannot be reached either, so your newest work is in this tab only. Keep the tab open until the connection is back; to make room, close other sites or delete files.',

  openInOtherTab: 'Your work on {{dataset}} is open in another tab',
  otherTabMeans:
    'One tab at a time, so that two do not write over each other. If you go on here, the other tab saves its drafts and stops.',
  movedToOtherTab: 'Your work on {{dataset}} goes on in another tab',
  movedMeans: 'Everything that was done here is kept, and the other tab went on from there.',
  workHere: 'Work here instead',
  askingOtherTab: 'The other tab saves what it has…',
  allDatasets: 'All datasets',

  heldDone: 'No connection, and everything you held is done',
  heldDoneWaiting_one:
    '{{count, number}} save waits in this browser. It is sent by itself as soon as the connection is back, and then the next faces come.',
  heldDoneWaiting_other:
    '{{count, number}} saves wait in this browser. They are sent by themselves, in order, as soon as the connection is back, and then the next faces come.',
  heldDoneNothing: 'Everything is saved. The next faces come as soon as the connection is back.',
} as const;
