// Owns the inspector of a sidecar: how it stands, in words, with buttons, above the settings.
using EmotionRuntime.Unity;
using UnityEditor;
using UnityEngine;

namespace EmotionRuntime.Editor
{
    [CustomEditor(typeof(EmotionSidecar))]
    internal sealed class EmotionSidecarEditor : UnityEditor.Editor
    {
        public override bool RequiresConstantRepaint()
        {
            return EditorApplication.isPlaying;
        }

        public override void OnInspectorGUI()
        {
            var sidecar = (EmotionSidecar)target;
            if (EditorApplication.isPlaying)
            {
                ClientStatus status = sidecar.Status;
                bool good = status.State == ClientState.Live || status.State == ClientState.Paused;
                EditorGUILayout.HelpBox(sidecar.StatusText, good ? MessageType.Info : MessageType.Warning);
                if (sidecar.Client == null && GUILayout.Button("Connect"))
                {
                    sidecar.Connect();
                }
                if (sidecar.Client != null && GUILayout.Button("Disconnect"))
                {
                    sidecar.Disconnect();
                }
                if (sidecar.Client != null && GUILayout.Button("Reconnect"))
                {
                    sidecar.Client.Reconnect();
                }
            }
            else
            {
                EditorGUILayout.HelpBox("Start the sidecar with: emotion-runtime serve tavern", MessageType.None);
            }
            DrawDefaultInspector();
        }
    }

    [CustomEditor(typeof(EmotionCharacter))]
    [CanEditMultipleObjects]
    internal sealed class EmotionCharacterEditor : UnityEditor.Editor
    {
        public override bool RequiresConstantRepaint()
        {
            return EditorApplication.isPlaying;
        }

        public override void OnInspectorGUI()
        {
            var character = (EmotionCharacter)target;
            if (EditorApplication.isPlaying && character.Roster != null)
            {
                for (int i = 0; i < character.Emotions.Length && i < character.Roster.Labels.Length; i++)
                {
                    Rect row = EditorGUILayout.GetControlRect();
                    EditorGUI.ProgressBar(row, character.Emotions[i], character.Roster.Labels[i]);
                }
                ActionStart action = character.CurrentAction;
                EditorGUILayout.LabelField("Action", action == null ? "none" : action.Rule);
                EditorGUILayout.LabelField("Why", action == null ? "" : action.Why);
            }
            DrawDefaultInspector();
        }
    }
}
