// Owns the menu entries that put the components into a scene.
using EmotionRuntime.Unity;
using UnityEditor;
using UnityEngine;

namespace EmotionRuntime.Editor
{
    internal static class EmotionMenu
    {
        [MenuItem("GameObject/Emotion Runtime/Sidecar and Overlay", false, 10)]
        private static void AddSidecar(MenuCommand command)
        {
            var added = new GameObject("Emotion Sidecar");
            added.AddComponent<EmotionSidecar>();
            added.AddComponent<EmotionOverlay>();
            Place(added, command);
        }

        [MenuItem("GameObject/Emotion Runtime/Smart Object", false, 11)]
        private static void AddSmartObject(MenuCommand command)
        {
            var added = new GameObject("Smart Object");
            added.AddComponent<EmotionSmartObject>();
            Place(added, command);
        }

        [MenuItem("CONTEXT/Animator/Add Emotion Character")]
        private static void AddCharacter(MenuCommand command)
        {
            var animator = (Animator)command.context;
            Undo.AddComponent<EmotionCharacter>(animator.gameObject);
            Undo.AddComponent<EmotionFace>(animator.gameObject);
            Undo.AddComponent<EmotionAnimator>(animator.gameObject);
        }

        private static void Place(GameObject added, MenuCommand command)
        {
            GameObjectUtility.SetParentAndAlign(added, command.context as GameObject);
            Undo.RegisterCreatedObjectUndo(added, "Create " + added.name);
            Selection.activeGameObject = added;
        }
    }
}
