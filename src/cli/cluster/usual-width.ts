/** Images at a time where nothing else is said: mostly, one waits for its registry. */
export const usualWidth = 5;
