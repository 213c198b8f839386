// Loads the dashboard's code only for the verb `watch`, so that it delays nobody else.
import type { DashboardFrame } from '../wire/dashboard-messages.ts';

/** What the conversation does with a dashboard. */
export interface LateDashboard {
  show(frame: DashboardFrame): void;
  /** Takes the dashboard off the screen and restores the terminal. */
  close(): void;
}

/** A dashboard that is loaded at the first frame. Once loaded it shows the newest frame, unless it was closed meanwhile. */
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
