/** Measures a conversation: the tokens of its handles, and the parts of a result that the model saw. */
import { tokensOf } from '../../../bench/lib/tokens.mjs';
import { handlesIn, isRefusal, viewOfError, viewOfSuccess } from '../model/sight.mjs';

/**
 * @param results the text that the host showed to the model, for each call
 * @param calls the model's calls
 * @returns the measurements:
 *
 * - `success`, `error`: the parts that the model saw of the first success and of the first error
 * - `copies`: how often a result contains its new handle
 * - `longest`: the longest handle, in characters
 * - `read`, `written`: the tokens of all handles in results and in calls
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
