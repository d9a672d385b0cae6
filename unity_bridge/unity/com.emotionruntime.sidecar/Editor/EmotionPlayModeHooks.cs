// Owns the moments at which the editor must not find an open socket or a running thread: reloads, the end of play.
using EmotionRuntime.Unity;
using UnityEditor;

namespace EmotionRuntime.Editor
{
    [InitializeOnLoad]
    internal static class EmotionPlayModeHooks
    {
        static EmotionPlayModeHooks()
        {
            AssemblyReloadEvents.beforeAssemblyReload += EmotionSidecar.StopAll;
            EditorApplication.quitting += EmotionSidecar.StopAll;
            EditorApplication.playModeStateChanged += PlayModeChanged;
            EditorApplication.pauseStateChanged += PauseChanged;
        }

        private static void PlayModeChanged(PlayModeStateChange change)
        {
            if (change == PlayModeStateChange.ExitingPlayMode)
            {
                EmotionSidecar.StopAll();
            }
        }

        /// <summary>The editor's pause button tells no component of it.</summary>
        private static void PauseChanged(PauseState state)
        {
            EmotionSidecar sidecar = EmotionSidecar.Instance;
            if (sidecar != null && EditorApplication.isPlaying)
            {
                sidecar.PauseGame(state == PauseState.Paused);
            }
        }
    }
}
