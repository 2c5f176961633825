/** The day on one screen: who comes, who goes, what is wrong. */

/** Sort stays into the three columns; `now` is an ISO day. */
export function columnsOf(stays, now) {
  const columns = { today: [], tomorrow: [], trouble: [] };
  const berths = new Map();
  for (const stay of stays) {
    if (stay.arrival === now) columns.today.push(stay);
    if (stay.departure > now && stay.departure <= nextDay(now)) columns.tomorrow.push(stay);
    if (berths.has(stay.berth)) columns.trouble.push({ ...stay, why: `berth ${stay.berth} is given twice` });
    berths.set(stay.berth, stay);
  }
  return columns;
}

function nextDay(day) {
  const moment = new Date(`${day}T12:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + 1);
  return moment.toISOString().slice(0, 10);
}
