// Why a connection, a session or a request ended: in the journal, in the history, and in notices.

const atStart = (why: string): string => `at start: ${why}`;

/** Why a connection ended. */
export const connectionEnds = {
  expired: 'expired',
  refused: 'refused at the last look',
  lineLost: 'the line was lost',
  left: 'the person left',
  idle: 'idle',
  recording: 'the recording could not be written',
  quota: 'its recording reached the quota',
  recordingsFull: 'there was too little disk space for recordings',
  recordingGone: 'the file of its recording was removed, cut or replaced',
  attach: 'tmux could not attach',
  gateSilent: 'its gate did not report back',
  windowOver: atStart('its time was over'),
  gateGone: atStart('its gate was gone'),
  grantGone: atStart('its grant was gone'),
  sessionEnded: atStart('its session has ended'),
  sessionChanged: 'its session is gone from the policy, or runs as something else',
  approverGone: 'the policy no longer lets an approver view here',
};

/** What was not as usual at the end of a recording. */
export const recordingEnds = {
  noFile: 'its gate made no file',
  gateStays: 'its gate had not ended',
  torn: 'its last line is not whole',
  changed: 'its file was removed, cut or replaced',
  late: (bytes: number): string => `its last ${bytes} bytes got their digest only from a later keeper`,
};

/** Why a session ended. */
export const sessionEnds = {
  nobodyIn: 'nobody was let in',
  serverGone: 'its server was gone',
  notStarted: 'it did not start',
  lastGrant: 'its last grant ended',
};

/** Why a session that an earlier keeper started was ended. */
export const sessionUnfit = {
  unreadable: 'it cannot be taken over',
  policyChanged: 'its policy has changed',
  policyGone: 'its policy is gone',
  noGrant: 'no grant keeps it',
  serverGone: sessionEnds.serverGone,
  atStart,
};

/** Why something ended that an earlier keeper ended without a record. */
export const endedUnwritten = atStart('it was gone, and its keeper had died before it was written down');

/** Why a request ended, or a grant that came too late. */
export const requestEnds = {
  locked: 'the login was locked',
  outdated: 'its session no longer runs as what was asked for',
  changed: 'the request changed meanwhile',
  lockedMeanwhile: 'its login was locked meanwhile',
  nothingToExtend: 'what it was to extend ended meanwhile',
};

/** Who ended it, if it was not a person on this host. */
export const anotherHost = 'another host';

/** Ended by a lock. @param reason of whoever locked */
export function loginLocked(reason: string): string {
  return `login locked${reason === '' ? '' : `: ${reason}`}`;
}

/** What has failed on the host, in the alarm about it. */
export const failures = {
  ticket: (hook: string): string => `ticket hook ${hook} does not answer`,
  onCall: (source: string): string => `on-call source ${source} does not answer`,
  recordingChanged: (connection: string, what: string): string =>
    `the recording of connection ${connection} was changed from outside (${what})`,
};

/** What `systemctl status` shows. */
export const nowAttached = (count: number): string => `ready, ${count} attached`;
/** The keeper's failure at its start, if there is no other reason. */
export const cannotStart = 'cannot start';
