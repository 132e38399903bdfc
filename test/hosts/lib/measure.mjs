/** What a conversation cost in handles, and what of each result the model saw. */
import { tokensOf } from '../../../bench/lib/tokens.mjs';
import { handlesIn, isRefusal, viewOfError, viewOfSuccess } from '../model/sight.mjs';

/**
 * @param results what the host showed of each call
 * @param calls what the model called
 * @returns views of the first success and of the first error; `copies`: how often a new handle stands in a result;
 *   `longest`: the longest handle, in characters; `read` and `written`: tokens of all handles in results and in calls
 */
export function measure({ results, calls }) {
  const handles = results.map((shown) => handlesIn(shown));
  const written = calls.flatMap(({ input }) => handlesIn(JSON.stringify(input)));
  const refused = results.find((shown) => isRefusal(shown));
  return {
    calls: calls.length,
    success: viewOfSuccess(results[0] ?? ''),
    ...(refused !== undefined && { error: viewOfError(refused) }),
    copies: handles[0]?.length ?? 0,
    longest: Math.max(0, ...handles.flat().map((handle) => handle.length)),
    read: sum(handles.flat().map(tokensOf)),
    written: sum(written.map(tokensOf)),
  };
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
