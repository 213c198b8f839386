// What systemd and journald know of the keeper: when it is ready, that its event loop is stuck, what it logs.
import { answers, nobodyLeft, tell, type Act } from './act.ts';
import { echo } from './people.ts';

const dropIn = '/etc/systemd/system/tmux-gate.service.d/watchdog.conf';
const restarts = 'systemctl show -P NRestarts tmux-gate';

/** A keeper that is stuck is restarted, and the session goes on; its log has fields. */
export async function supervised({ host, people }: Act): Promise<void> {
  host.write(dropIn, '[Service]\nWatchdogSec=3s\n');
  await host.sh('systemctl daemon-reload && systemctl restart tmux-gate && tmux-gate status');
  tell('systemctl restart returned when the keeper answered (READY=1).');
  const { terminal, request } = await people.attach('5m', true);
  await host.until('systemctl show -P StatusText tmux-gate | grep -qx "ready, 1 attached"');
  const before = (await host.sh(restarts)).trim();
  await host.sh('kill -STOP $(systemctl show -P MainPID tmux-gate)');
  await host.until(`test "$(${restarts})" -gt ${before}`);
  await host.until(answers);
  await echo(terminal, 'not-interrupted');
  await host.sh('systemctl show -P NotifyAccess tmux-gate', /^main$/m);
  tell('A keeper that is stuck was restarted by the watchdog; the session went on.');
  await host.sh(`tmux-gate revoke ${request}`, /confirmed/);
  await terminal.ended();
  await host.until(nobodyLeft);
  await host.sh(
    'journalctl -q -u tmux-gate TMUX_GATE_EVENT=ready -o json -n 1',
    /^(?=.*"PRIORITY":"6")(?=.*"TMUX_GATE_HOST":)/,
  );
  await host.sh('journalctl -q -u tmux-gate TMUX_GATE_EVENT=ready -n 1 -o cat', /^\{"at":".*"event":"ready"/);
  tell('journald finds an entry of the log by its field.');
  await host.sh(`rm ${dropIn} && systemctl daemon-reload && systemctl restart tmux-gate`);
}
