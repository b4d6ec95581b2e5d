import { device } from '../app/storage';

/** So many announcements are remembered as dismissed: more never stand at one time. */
const most = 20;

/** What somebody does not want to see any more on this device. */
export const dismissed = {
  get: (me: string): string[] => (device.get(`dismissed.${me}`) ?? '').split(' ').filter(Boolean),
  add: (me: string, id: string) => device.set(`dismissed.${me}`, [...dismissed.get(me), id].slice(-most).join(' ')),
};
