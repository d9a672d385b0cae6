// Owns how values move between ticks and what is shown when none come: smoothing, holding, fading to neutral.
using System;

namespace EmotionRuntime
{
    /// <summary>Formulas of time alone; seconds throughout.</summary>
    public static class Fading
    {
        /// <summary>A state without ticks is held for this long.</summary>
        public const double HoldSeconds = 1.0;

        /// <summary>Then it fades to neutral over this long.</summary>
        public const double FadeSeconds = 1.0;

        /// <summary>Share of the way to the target to be gone in a frame: the same curve at every frame rate.</summary>
        /// <param name="smoothing">Seconds after which 63 % of the way is gone; 0: at once.</param>
        public static float Step(float deltaTime, float smoothing)
        {
            return smoothing <= 0 ? 1 : (float)(1 - Math.Exp(-Math.Max(0, deltaTime) / smoothing));
        }

        /// <summary>How much of the last state is to be shown: 1 live, falling to 0 once the frames have stopped.</summary>
        /// <param name="age">Seconds since the last frame.</param>
        public static float Presence(ClientState state, double age)
        {
            if (state == ClientState.Live || state == ClientState.Paused)
            {
                return 1;
            }
            if (state == ClientState.Off || state == ClientState.Connecting || state == ClientState.Refused)
            {
                return 0;
            }
            return (float)Math.Max(0, Math.Min(1, 1 - (age - HoldSeconds) / FadeSeconds));
        }
    }
}
