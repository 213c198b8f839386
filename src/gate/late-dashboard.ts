// The board of whoever types `watch`, loaded then and not before: nobody else waits for it.
import type { DashboardFrame } from '../wire/dashboard-messages.ts';

export interface LateDashboard {
  show(frame: DashboardFrame): void;
  /** Off the screen, and the terminal as it was. */
  close(): void;
}

/** Shows the newest frame once it is loaded, unless the board was closed meanwhile. */
export function lateDashboard(load: () => Promise<LateDashboard>): LateDashboard {
  let face: LateDashboard | undefined;
  let newest: DashboardFrame | undefined;
  let loading: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    face = await load();
    if (newest !== undefined) face.show(newest);
  };
  return {
    show: (frame) => {
      newest = frame;
      if (face === undefined) loading ??= begin();
      else face.show(frame);
    },
    close: () => {
      newest = undefined;
      face?.close();
    },
  };
}
